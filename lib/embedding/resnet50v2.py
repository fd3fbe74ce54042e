"""ResNet50V2 with ImageNet weights: 2,048 values a picture (He et al. 2016, "Identity mappings")."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.embedding.keras_base import KerasPictures


class ResNet50V2(KerasPictures):
    label = choice = "ResNet50V2"
    about = "Pictures that look alike come together."
    model_mb = 340
    batch = 8
    """So many at once take as long as 32, and 290 MB less."""
    lighter = "Choose MobileNet, which needs 200 MB less, or cluster by tags with TF-IDF."
    setting = "resnet50v2"
    file = "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"
    url = f"https://storage.googleapis.com/tensorflow/keras-applications/resnet/{file}"
    checksum = "md5:fac2f116257151a9d068a22e544a4917"

    @property
    def dimensions(self) -> int:
        return 2_048

    def _build(self, weights: Path) -> Any:
        from keras.applications import ResNet50V2 as Network

        shape = (self.side, self.side, 3)
        return Network(include_top=False, weights=str(weights), pooling="avg", input_shape=shape)
