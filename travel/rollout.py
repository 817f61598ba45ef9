"""Bring an environment to a release: start what is missing, replace what changed, wait until all is well."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import time
from collections.abc import Callable, Collection, Mapping

from travel import data
from travel.environments import PORT_OFFSETS, REMEMBERING, Deployment, Environment, deployment_in
from travel.errors import TravelError, UsageError
from travel.health import answer_of, healthy_among, require_free_ports
from travel.images import Image, ImageStore, digest_of_tree, remove_tree, short
from travel.release import Release
from travel.supervision import Supervisor, last_lines
from travel.tap import PROCESS as TAP
from travel.tap import record_of

POLL_S = 0.1
LOG_LINES = 15


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """`started` are the components that were started or replaced: none where all was well already."""

    components: list[str]
    started: list[str]
    whole: bool
    seconds: float


class Rollout:
    """One `up` of one environment. `say` gets a line of progress at a time.

    A `fresh` one leaves nothing of what was done to the environment since it came up: no data, no log, no edit of a
    copy.
    """

    def __init__(self, environment: Environment, release: Release, store: ImageStore,
                 environ: Mapping[str, str], say: Callable[[str], None], *, fresh: bool = False) -> None:
        strangers = sorted(set(release.images) - set(PORT_OFFSETS))
        if strangers:
            raise UsageError(f"The release has components without a port: {', '.join(strangers)}.", where="release.yml",
                             fix=f"components are: {', '.join(PORT_OFFSETS)}")
        self._environment = environment
        self._release = release
        self._images = {name: store.get(name, digest) for name, digest in release.images.items()}
        self._telemetry = _digest_of_telemetry(environ)
        self._say = say
        self._fresh = fresh
        self._supervisor = Supervisor(environment)

    def run(self, timeout_s: float) -> Outcome:
        """Raises TravelError, and stops what it started, where a component is not well within `timeout_s`."""
        begun = time.monotonic()
        present = deployment_in(self._environment)
        whole = (present is None or not self._supervisor.is_running()
                 or (self._fresh and self._told_otherwise(present)))
        started: list[str] = []
        if whole:
            self._supervisor.shut_down()  # what a killed supervisord may have left behind
            require_free_ports(self._environment, [*self._images, TAP])
        try:
            if whole:
                started = list(self._images)
                self._start_afresh()
            elif present is not None:
                started = self._to_start(present)
                self._bring_up_to_date(present, started)
            self._write_deployment()
            self._wait(started, begun, begun + timeout_s)
            if whole or self._fresh:
                data.keep(self._environment, started)
        except BaseException:
            self._stop(started, whole)
            raise
        return Outcome(list(self._images), started, whole, time.monotonic() - begun)

    def _start_afresh(self) -> None:
        environment = self._environment
        record_of(environment).unlink(missing_ok=True)
        for folder in (environment.components, environment.data, environment.first_data, environment.logs):
            remove_tree(folder)
            folder.mkdir(parents=True)
        for component, image in self._images.items():
            image.unpack(environment.copy_of(component))
        self._supervisor.start(self._images.values())

    def _to_start(self, present: Deployment) -> list[str]:
        """What of a running environment must be started: changed, new or fallen; all, if told other settings."""
        if self._told_otherwise(present):
            return list(self._images)
        states = self._supervisor.processes()
        return [component for component, image in self._images.items()
                if self._is_other(present, image)
                or component not in states or states[component].state not in ("RUNNING", "STARTING")
                or (self._fresh and (component in REMEMBERING
                                    or not data.can_be_put_back(self._environment, component)))]

    def _is_other(self, present: Deployment, image: Image) -> bool:
        """Whether what stands there is not the image: another one, or (where nothing is to be left) an edited copy."""
        if present.images.get(image.component) != image.digest:
            return True
        return self._fresh and digest_of_tree(self._environment.copy_of(image.component)) != image.digest

    def _bring_up_to_date(self, present: Deployment, started: list[str]) -> None:
        environment = self._environment
        data.discard(environment, started)
        for component in started:
            if component in present.images:
                self._say(f"  {component:<14}{self._reason(present, component)}")
        if self._told_otherwise(present):
            # supervisord hands its own process environment down: only a new one knows the new variables.
            self._supervisor.shut_down()
            require_free_ports(environment, [*self._images, TAP])
            self._unpack_changed(present)
            self._supervisor.start(self._images.values())
            return
        self._supervisor.stop_components(set(started) & self._supervisor.processes().keys())
        require_free_ports(environment, started)
        self._unpack_changed(present)
        self._begin_anew(started)
        self._supervisor.replace(self._images.values())
        for component in started:
            self._supervisor.start_component(component)

    def _begin_anew(self, started: Collection[str]) -> None:
        """Where nothing is to be left of what was: who is started makes its own data, the others get theirs back."""
        if self._fresh:
            others = [component for component in self._images if component not in started]
            data.remove_all_but_of(self._environment, others)
            data.put_back(self._environment, others)
            self._supervisor.clear_logs(others)
            with contextlib.suppress(FileNotFoundError):
                os.truncate(record_of(self._environment), 0)  # the tap appends to it, and goes on

    def _told_otherwise(self, present: Deployment) -> bool:
        """Whether every component must be told something new, and so be started anew."""
        wanted = (self._environment.first_port, self._telemetry, self._environment.tapped)
        return (present.first_port, present.telemetry, present.tapped) != wanted

    def _unpack_changed(self, present: Deployment) -> None:
        changed = [image for image in self._images.values() if self._is_other(present, image)]
        # Until all are unpacked, none of them counts as deployed: were this killed, the next `up` would do them all.
        settled = {component: digest for component, digest in present.images.items()
                   if component not in {image.component for image in changed}}
        dataclasses.replace(present, images=settled).write(self._environment)
        for image in changed:
            image.unpack(self._environment.copy_of(image.component))

    def _reason(self, present: Deployment, component: str) -> str:
        before, now = present.images[component], self._release.images[component]
        if before != now:
            return f"replaced: {short(before)} → {short(now)}"
        if present.first_port != self._environment.first_port:
            return "restarted: other ports"
        if present.tapped != self._environment.tapped:
            now = self._environment.tapped
            return f"restarted: calls through the tap: {now}" if now else "restarted: the tap is gone"
        if present.telemetry != self._telemetry:
            return "restarted: other OTEL_ variables"
        return "started anew: fresh" if self._fresh else "was down: started"

    def _write_deployment(self) -> None:
        Deployment(self._release.images, self._release.configs, self._environment.first_port,
                   self._telemetry, self._environment.tapped).write(self._environment)

    def _wait(self, started: list[str], begun: float, deadline: float) -> None:
        waiting = list(started)
        while waiting:
            for component in sorted(healthy_among(self._environment, waiting, itself=True)):
                waiting.remove(component)
                self._require_image(component)
                seconds = time.monotonic() - begun
                self._say(f"  {component:<14}healthy {seconds:5.1f} s  {self._environment.url_of(component)}")
            self._require_progress(waiting, deadline)
        everything = list(self._images)
        while waiting := sorted(set(everything) - healthy_among(self._environment, everything, itself=False)):
            self._require_progress(waiting, deadline)

    def _require_progress(self, waiting: list[str], deadline: float) -> None:
        states = self._supervisor.processes()
        if TAP in states and states[TAP].given_up:
            log = self._environment.log_of(TAP)
            raise TravelError(f"The tap of {self._environment.name} does not start.", where=str(log),
                              fix="fix what its log says, or go without: --no-tap", detail=last_lines(log, LOG_LINES))
        for component in waiting:
            process = states.get(component)
            if process is None or process.given_up:
                raise self._not_well(component, "does not start" if process is None or not process.why
                                     else f"does not start ({process.why})")
        if waiting and time.monotonic() > deadline:
            raise self._not_well(waiting[0], f"is not healthy in time ({', '.join(waiting)} still awaited)")
        if waiting:
            time.sleep(POLL_S)

    def _require_image(self, component: str) -> None:
        _, version = answer_of(self._environment.url_of(component), "/version")
        found = version.get("image") if isinstance(version, dict) else None
        if found != self._release.images[component]:
            raise TravelError(f"{component} answers with image {found}, not with that of the release.",
                              where=self._environment.url_of(component) + "/version",
                              fix="end whatever else answers on that port")

    def _not_well(self, component: str, what: str) -> TravelError:
        log = self._environment.log_of(component)
        _, health = answer_of(self._environment.url_of(component), "/health")
        heard = f"/health answers {health}\n" if health else ""
        return TravelError(f"{component} of {self._environment.name} {what}.", where=str(log),
                           fix="fix what its log says, or give it longer: --timeout 60",
                           detail=heard + last_lines(log, LOG_LINES))

    def _stop(self, started: list[str], whole: bool) -> None:
        self._say(f"  stopping what was started: {', '.join(started) or 'nothing'}")
        if whole or set(started) == set(self._images):
            self._supervisor.shut_down()
        else:
            self._supervisor.stop_components(set(started) & self._supervisor.processes().keys())


def restart(environment: Environment, component: str, timeout_s: float) -> float:
    """Restart one component of a running environment and wait until it is healthy; returns the seconds."""
    begun = time.monotonic()
    supervisor = Supervisor(environment)
    deployment = deployment_in(environment)
    if deployment is None or component not in supervisor.processes():
        raise TravelError(f"{component} of {environment.name} is not up.", where=str(environment.root),
                          fix=f"start it with `travel up {environment.name}`")
    started_as = dataclasses.replace(environment, first_port=deployment.first_port)
    supervisor.stop_components([component])
    supervisor.start_component(component)
    while not healthy_among(started_as, [component], itself=True):
        state = supervisor.processes()[component]
        if state.given_up or time.monotonic() > begun + timeout_s:
            log = environment.log_of(component)
            raise TravelError(f"{component} of {environment.name} does not come back.", where=str(log),
                              fix="fix what its log says", detail=last_lines(log, LOG_LINES))
        time.sleep(POLL_S)
    return time.monotonic() - begun


def _digest_of_telemetry(environ: Mapping[str, str]) -> str:
    """OTEL_ variables may hold secrets: only their digest is kept."""
    lines = sorted(f"{name}={value}" for name, value in environ.items() if name.startswith("OTEL_"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
