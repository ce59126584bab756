"""Packs the generated contract into the client's wheel."""

from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ContractHook(BuildHookInterface[BuilderConfig]):
    """Adds `ovo`, which stands outside of the client's folder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds it to what is published; an editable install reads it where it lies."""
        if version == "standard":
            build_data["force_include"]["../../generated/python/ovo"] = "ovo"
