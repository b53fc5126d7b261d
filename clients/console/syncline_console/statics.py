"""Style sheets, scripts and pictures, kept by browsers until they change."""

from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER: Final = Path(__file__).parent / "static"
_FOREVER: Final = "public, max-age=31536000, immutable"


class Statics(StaticFiles):
    """The files of :data:`FOLDER`, at addresses that change with what is in them."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)
        self._versions = {
            str(file.relative_to(FOLDER)): sha256(file.read_bytes()).hexdigest()[:16]
            for file in FOLDER.rglob("*")
            if file.is_file()
        }

    def url(self, file: str) -> str:
        """Return the address of a file.

        :raises KeyError: there is none of that name.
        """
        return f"/static/{file}?v={self._versions[file]}"

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """Return a file; only at the address of these very bytes it may be kept."""
        response = await super().get_response(path, scope)
        version = scope["query_string"].decode("latin-1").removeprefix("v=")
        fits = version == self._versions.get(path)
        response.headers["Cache-Control"] = _FOREVER if fits else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
