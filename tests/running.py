"""The whole system as `make run` starts it, on free ports and a database of its own, for tests that talk to it."""

import base64
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import free_port

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv" / "bin" / "python"
RASA = ROOT / "engine" / ".venv" / "bin" / "python"


@dataclass
class System:
    """Three processes, and where they are."""

    folder: Path
    models: Path = ROOT / "models"
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("engine", "actions", "bot")})
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['bot']}"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "BOT_DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'bot.db'}",
            "BOT_DATA_KEY": base64.b64encode(b"t" * 32).decode(),
            "BOT_ENGINE_SECRET": "secret-of-a-test",
            "BOT_ENGINE_URL": f"http://127.0.0.1:{self.ports['engine']}",
            "BOT_MODELS_FOLDER": str(self.models),
            "BOT_PORT": str(self.ports["bot"]),
            "BOT_LATE_RETRY_EVERY": "0.5",
            "BOT_MESSAGES_PER_MINUTE": "100000",  # many women of many tests write from one address
            "RASA_TELEMETRY_ENABLED": "false",
            "PYTHONWARNINGS": "ignore",
            "SANIC_HOST": "127.0.0.1",
            "OTEL_SDK_DISABLED": "true",
        }

    def start(self, name: str) -> None:
        """Start one process; its output goes to a file in the folder."""
        command = {
            "engine": [
                RASA, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", self.ports["engine"],
                "--model", self.models / "current.tar.gz", "--endpoints", self.folder / "endpoints.yml",
                "--credentials", "credentials.yml",
            ],
            "actions": [PYTHON, "-m", "rasa_sdk", "--actions", "actions", "--port", self.ports["actions"]],
            "bot": [PYTHON, "-m", "bot", "serve"],
        }[name]  # fmt: skip
        with (self.folder / f"{name}.out").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill one process as the kernel would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)  # with the workers that it started
        process.wait(10)

    def wait_until_ready(self, seconds: float = 120) -> None:
        """Until `/readyz` is 200; a process that died fails at once, with the end of what it said."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, (self.folder / f"{name}.out").read_text()[-2000:]
            try:
                if httpx.get(f"{self.url}/readyz", trust_env=False, timeout=3).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.3)
        raise AssertionError(f"not ready after {seconds} s")

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.out").read_text(errors="replace")


@contextmanager
def running_system(folder: Path, models: Path = ROOT / "models") -> Iterator[System]:
    """Set up, start, wait; stop at the end. `models`: where the live model is, `current.tar.gz`."""
    system = System(folder, models)
    endpoints = (
        f"action_endpoint:\n  url: http://127.0.0.1:{system.ports['actions']}/webhook\n  enable_selective_domain: true\n"
        f"tracker_store:\n  type: engine.tracker_store.ShortTrackerStore\n  dialect: sqlite\n  db: {folder / 'tracker.db'}\n"
    )
    (folder / "endpoints.yml").write_text(endpoints)
    subprocess.run([PYTHON, "-m", "bot", "setup"], cwd=ROOT, env=system.environment, check=True, capture_output=True)
    for name in ("engine", "actions", "bot"):
        system.start(name)
    try:
        system.wait_until_ready()
        yield system
    finally:
        for process in system.processes.values():
            process.terminate()
        for process in system.processes.values():
            process.wait(20)
