from .api import mark_aspects, to_dict
from .extensions import install_extensions
from .types import Aspect

__all__ = ["Aspect", "install_extensions", "mark_aspects", "to_dict"]
__version__ = "0.1.0"
