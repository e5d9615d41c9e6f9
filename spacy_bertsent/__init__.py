from .api import mark_aspects, to_dict
from .extensions import install_extensions
from .streams import Failure, Limits, pipe
from .types import Aspect

__all__ = ["Aspect", "Failure", "Limits", "install_extensions", "mark_aspects", "pipe", "to_dict"]
__version__ = "0.1.0"
