"""The Python package that a published version offers: `files_of` writes it, `build` packs it.

`runtime/` is copied into every package as it is; `templates/` hold what depends on the definition.
"""

from integrations.generation.project import files_of

__all__ = ["files_of"]
