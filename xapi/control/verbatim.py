"""An error whose parameters are not those that the datamodel declares."""

from __future__ import annotations

from xapi.datamodel.errors import XenError


class Verbatim(XenError):
    """A known code with other parameters than declared: the original itself sends some of its errors so."""

    def __init__(self, code: str, *params: object) -> None:
        super().__init__()
        self._code = code
        self._params = [str(param) for param in params]

    @property
    def params(self) -> list[str]:
        return list(self._params)

    @property
    def wire_code(self) -> str:
        return self._code
