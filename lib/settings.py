"""Everything that is set by whoever runs the toolkit, and where the toolkit's data live.

The environment counts first, then a file `.env` in the toolkit's folder or beside it, then `captioner.toml` in it.
Streamlit promotes top-level secrets into the environment at start, so `.streamlit/secrets.toml` is covered too.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from lib.accounts import Guests, is_listed
from lib.errors import InvalidInput
from lib.owners import owners_of
from lib.settings_files import SettingsFiles, values_in


def _split(value: object, separator: str) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(separator) if part.strip()]
    return value


def _stripped(value: object) -> object:
    # A key pasted with its line end would otherwise be refused by the service with a riddle of a 401.
    return value.strip() if isinstance(value, str) else value


Key = Annotated[SecretStr, BeforeValidator(_stripped)]


def _usual_home() -> Path:
    return user_data_path("captioning-toolkit", appauthor=False)


def home() -> Path:
    """The toolkit's folder as the environment has it, which alone may say so."""
    return Path(os.environ.get("TOOLKIT_HOME") or _usual_home()).expanduser().absolute()


class Settings(BaseSettings):
    """The administrator's choices. Sizes are in MB, times as the name says."""

    model_config = SettingsConfigDict(
        env_prefix="TOOLKIT_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    home: Path = Field(default_factory=lambda: _usual_home())
    roots: Annotated[list[Path], NoDecode] = Field(default_factory=list)
    urls: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Addresses (s3://, gs://, hf://) of tables that a page may open, each with all that lies below it."""
    allowed_hosts: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Servers that captions may be asked of although they are not https, private or on this machine."""
    hosts: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """The names that the dashboard answers to, beside those of this machine."""
    proxies: Annotated[list[str], NoDecode] = Field(default_factory=list)
    """Addresses or networks from which forwarded headers count."""
    secret_address: bool = False
    """Whether only an address with a secret, printed at the start, opens the dashboard."""
    metrics: bool = False
    """Whether /_stcore/metrics answers."""
    models_folder: Path | None = None
    tokenizer: Path | None = None
    sbert: Path | None = None
    """A folder with a Sentence-BERT model; without it `sbert_repository` at `sbert_revision` is taken from the Hub."""
    sbert_repository: str = "sentence-transformers/all-MiniLM-L6-v2"
    sbert_revision: str = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
    resnet50v2: Path | None = None
    """Weights without the top, an .h5 file or the folder that holds it. The same for MobileNet."""
    mobilenet: Path | None = None
    blank_tag_files: bool = True
    """Whether an image without a tag file gets an empty one when it is looked at."""
    upload_quota_mb: int = Field(default=2_000, ge=1)
    total_mb: int = Field(default=20_000, ge=0)
    """What all owners' uploads, samples and exports may take together; 0 for no limit."""
    upload_days: int = Field(default=14, ge=1)
    history_days: int = Field(default=0, ge=0)
    """Operations older than this are forgotten; 0 keeps them for ever."""
    history_mb: int = Field(default=0, ge=0)
    """The size of one dataset's history beyond which its oldest operations are forgotten; 0 for no limit."""
    thumbnail_cache_mb: int = Field(default=500, ge=1)
    memory_mb: int = Field(default=0, ge=0)
    """Memory that the server may take; 0 for what the container or the machine allows, less a reserve."""
    picture_mb: int = Field(default=250, ge=16)
    """Memory that decoding may take: of one picture, and of all that are decoded at a time."""
    request_deadline_s: float = Field(default=120.0, gt=0)
    engine: str = "local"
    """Who does the parts of `captioner run`, unless --engine says otherwise: "local" or "ray"."""
    ray_address: str = Field(default="", validation_alias="RAY_ADDRESS")
    """The cluster that is joined; without one a small one is started here for the one job."""

    # A service has a key here, where it takes one, and an address that takes the place of its usual one.
    nvidia_api_key: Key = Field(default=SecretStr(""), validation_alias="NVIDIA_API_KEY")
    hf_token: Key = Field(default=SecretStr(""), validation_alias="HF_TOKEN")
    openai_api_key: Key = Field(default=SecretStr(""), validation_alias="OPENAI_API_KEY")
    nvidia_base_url: str = Field(default="", validation_alias="NVIDIA_BASE_URL")
    hf_base_url: str = Field(default="", validation_alias="HF_INFERENCE_BASE_URL")
    openai_base_url: str = Field(default="", validation_alias="OPENAI_BASE_URL")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        given = getattr(init_settings, "init_kwargs", {}).get("home")
        return init_settings, env_settings, *SettingsFiles(Path(given) if given else home()).sources(settings_cls)

    @field_validator("roots", mode="before")
    @classmethod
    def _roots(cls, value: object) -> object:
        return _split(value, os.pathsep)

    @field_validator("urls", "allowed_hosts", "hosts", "proxies", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        return _split(value, ",")

    @field_validator("home")
    @classmethod
    def _home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    def owner_folder(self, owner: str) -> Path:
        """The private folder of one owner. The name is hashed, so an e-mail never becomes a path."""
        return self.home / "owners" / owners_of(self.home).folder(owner)

    def workspace(self, owner: str) -> Path:
        """Where an owner's uploads and sample dataset live."""
        return self.home / "workspace" / owners_of(self.home).folder(owner)

    @property
    def journals(self) -> Path:
        return self.home / "journals"

    @property
    def locks(self) -> Path:
        return self.home / "locks"

    @property
    def thumbnails(self) -> Path:
        return self.home / "cache" / "thumbnails"

    @property
    def vectors(self) -> Path:
        return self.home / "vectors"

    @property
    def weights(self) -> Path:
        """Where weights that were downloaded lie."""
        return self.home / "weights"

    def key_for(self, name: str) -> SecretStr:
        """The key that the server holds under an environment name (empty where it holds none)."""
        fields = [field for field, info in type(self).model_fields.items() if info.validation_alias == name]
        held = [value for field in fields if isinstance(value := getattr(self, field), SecretStr)]
        return held[0] if held else SecretStr("")

    @property
    def base_urls(self) -> dict[str, str]:
        """The addresses that the administrator gave services in place of their usual ones ("" for none), by field."""
        return {field: getattr(self, field) for field in type(self).model_fields if field.endswith("_base_url")}


class Access(BaseSettings):
    """Who may log in, and who of them are administrators: read anew each time, so that a list that was changed in
    .streamlit/secrets.toml counts at once."""

    model_config = Settings.model_config

    allowed_emails: Annotated[list[str], NoDecode] = Field(default_factory=list)
    allowed_domains: Annotated[list[str], NoDecode] = Field(default_factory=list)
    admins: Annotated[list[str], NoDecode] = Field(default_factory=list)

    @field_validator("allowed_emails", "allowed_domains", "admins", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return _split(value, ",")

    @property
    def guests(self) -> Guests:
        return Guests(self.allowed_emails, self.allowed_domains)

    def is_admin(self, email: str) -> bool:
        """True for the e-mail of an administrator."""
        return is_listed(email, self.admins)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Tests call `settings.cache_clear()`. Raises InvalidInput."""
    try:
        return Settings()
    except ValidationError as exc:
        # The values stay untold: one of them may be a key.
        wrong = "; ".join(f"{variable_of(str(one['loc'][0]))}: {one['msg']}" for one in exc.errors() if one["loc"])
        raise InvalidInput(
            f"The settings cannot be used: {wrong}.", "They stand in the environment, in .env, or in captioner.toml."
        ) from None


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    info = Settings.model_fields.get(field)
    return str(info.validation_alias) if info and info.validation_alias else f"TOOLKIT_{field.upper()}"


def origin_of(field: str) -> str:
    """Where a setting comes from: "environment", the path of a file, or "default". Never what it holds."""
    name = variable_of(field)
    if os.environ.get(name):
        return "environment"
    if field == "home":
        return "default"
    wanted = {field, name.lower(), f"toolkit_{field}"}
    files = SettingsFiles(settings().home).paths
    return next((str(path) for path in files if any(values_in(path).get(one) for one in wanted)), "default")
