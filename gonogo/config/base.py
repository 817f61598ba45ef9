"""The base class of the models of environments.yml, and types with bounds."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from gonogo.model.reach import is_address


def _with_address(url: str) -> str:
    if not is_address(url):
        raise ValueError("it must have a host, and a port, if any, up to 65535")
    return url


def _within_project(pattern: str) -> str:
    parts = PurePath(pattern).parts
    if ".." in parts or "**" in parts:
        raise ValueError("it must be a path within the project, or an absolute one, without .. and **")
    return pattern


Policy = Literal["ignore", "warn", "block"]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$"), AfterValidator(_with_address)]
Host = Annotated[str, StringConstraints(pattern=r"^(\*\.)?[^\s/:*@]+(:\d{1,5})?$")]
LogGlob = Annotated[str, StringConstraints(min_length=1, max_length=1_000), AfterValidator(_within_project)]
Endpoint = Annotated[str, StringConstraints(pattern=r"^[A-Z]+ /\S*$")]
Command = Annotated[str, StringConstraints(min_length=1)]
Seconds = Annotated[float, Field(gt=0)]
Milliseconds = Annotated[float, Field(gt=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0)]


class Model(BaseModel):
    # every value meets a bound of .inf, and a run of .inf seconds never ends
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
