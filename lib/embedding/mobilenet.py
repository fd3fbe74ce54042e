"""MobileNet, a network for small hosts (Howard et al. 2017): 256 values a picture with the weights that it fetches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.embedding.keras_base import KerasPictures
from lib.errors import ModelUnavailable

_WIDTHS = {8: 0.25, 16: 0.5, 24: 0.75, 32: 1.0}
"""Channels of the first layer, and the width multiplier that makes them."""


class MobileNet(KerasPictures):
    """Also takes the wider variants' files: the width is read from the file."""

    label = "MobileNet"
    choice = "MobileNet (small)"
    about = "Pictures that look alike come together, by a smaller and quicker network, which sees less."
    model_mb = 140
    setting = "mobilenet"
    file = "mobilenet_2_5_224_tf_no_top.h5"
    url = f"https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/{file}"
    checksum = "sha256:dbdb03ee2a22fd895301636cd328b234bb3a9952358f436d82f46b81e0d5b0bf"

    @property
    def dimensions(self) -> int:
        return 32 * _channels(self._weights())

    def _build(self, weights: Path) -> Any:
        alpha = _WIDTHS[_channels(weights)]
        from keras.applications import MobileNet as Network

        shape = (self.side, self.side, 3)
        return Network(alpha=alpha, include_top=False, weights=str(weights), pooling="avg", input_shape=shape)


def _channels(weights: Path) -> int:
    """Channels of the first layer, a convolution of 3 × 3 over the three colours. Raises ModelUnavailable."""
    import h5py

    found: list[int] = []

    def visit(name: str, item: Any) -> None:
        *kernel, channels = getattr(item, "shape", None) or (0,)
        if kernel == [3, 3, 3] and channels in _WIDTHS:
            found.append(channels)

    try:
        with h5py.File(weights) as file:
            file.visititems(visit)
    except OSError as error:
        raise ModelUnavailable(f"The file {weights} is no .h5 file.", f"Take the file {MobileNet.file}.") from error
    if not found:
        raise ModelUnavailable(f"The file {weights} holds no MobileNet.", f"Take the file {MobileNet.file}.")
    return found[0]
