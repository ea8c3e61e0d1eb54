"""The console is tested over the same talks as the channels."""

from tests.integration.conftest import talk

__all__ = ["talk"]
