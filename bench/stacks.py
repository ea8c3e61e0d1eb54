"""The four ways that one dialogue can run: stock Rasa twice, ours by the web API and by WeChat's safe mode."""

import base64
import os
import re
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from bot.channels.wechat.envelope import Key, signature
from tests.conftest import free_port
from tests.running import PYTHON, RASA, ROOT, System

WEB, WECHAT = "ours, web API", "ours, WeChat safe mode"
STOCK, SAME_MODEL = "stock Rasa, default pipeline", "stock Rasa, our model"
TOKEN, APP_ID = "bench", "wx0000000000000000"
AES_KEY = base64.b64encode(b"b" * 32).decode().rstrip("=")
SEALED = re.compile(r"<Encrypt><!\[CDATA\[(.*?)\]\]></Encrypt>")
HOLDING = "稍后一定在这里回复您"
CONFIG = Path(__file__).with_name("stock_config.yml")


class Stack(Protocol):
    """A system under measurement."""

    name: str

    def processes(self) -> dict[str, int]:
        """Names and process ids of what serves it."""

    async def say(self, client: httpx.AsyncClient, user: str, text: str) -> str:
        """One turn of a user → the words of the answer; "" when it was refused, empty or put off."""


@dataclass
class StockRasa:
    """`rasa run --enable-api` as documented, REST channel, tracker in memory, and a stock rasa-sdk action server."""

    name: str
    folder: Path
    model: Path
    actions_environment: dict[str, str]
    port: int = field(default_factory=free_port)
    actions_port: int = field(default_factory=free_port)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self) -> None:
        """Start both processes; their output goes to files in the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "credentials.yml").write_text("rest:\n")
        (self.folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{self.actions_port}/webhook\n"
            f"  headers:\n    X-Engine-Secret: {self.actions_environment['BOT_ENGINE_SECRET']}\n"
        )
        rasa: list[object] = [
            RASA, "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", self.port, "--model",
            self.model, "--endpoints", self.folder / "endpoints.yml", "--credentials", self.folder / "credentials.yml",
        ]  # fmt: skip
        sdk: list[object] = [PYTHON, "-m", "rasa_sdk", "--actions", "actions", "--port", self.actions_port]
        for name, command in (("engine", rasa), ("actions", sdk)):
            with (self.folder / f"{name}.out").open("wb") as output:
                self.running[name] = subprocess.Popen(
                    [str(part) for part in command], cwd=ROOT, env=self.actions_environment, stdout=output,
                    stderr=output, start_new_session=True,
                )  # fmt: skip

    def wait_until_ready(self, seconds: float = 300) -> None:
        """Until the engine says that a model is loaded and the action server answers."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                status = httpx.get(f"http://127.0.0.1:{self.port}/status", trust_env=False, timeout=3)
                health = httpx.get(f"http://127.0.0.1:{self.actions_port}/health", trust_env=False, timeout=3)
                if status.status_code == health.status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise TimeoutError(self.name)

    def stop(self) -> None:
        """Stop both."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait(30)

    def processes(self) -> dict[str, int]:
        """Engine and actions."""
        return {name: process.pid for name, process in self.running.items()}

    async def say(self, client: httpx.AsyncClient, user: str, text: str) -> str:
        """One message to the REST channel."""
        response = await client.post(
            f"http://127.0.0.1:{self.port}/webhooks/rest/webhook", json={"sender": user, "message": text}
        )
        told = response.json() if response.status_code == 200 else []
        return "\n".join(str(message.get("text") or message.get("custom") or "") for message in told)


@dataclass
class Ours(System):
    """The whole of ours, with a WeChat account of its own."""

    @property
    def environment(self) -> dict[str, str]:
        """The settings of the tests' system, and those of WeChat."""
        return super().environment | {
            "BOT_WECHAT_TOKEN": TOKEN,
            "BOT_WECHAT_AES_KEY": AES_KEY,
            "BOT_WECHAT_APP_ID": APP_ID,
            "BOT_LATE_RETRY_EVERY": "30",
        }

    def set_up(self) -> None:
        """Tables, sample data, and where Rasa finds the actions."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{self.ports['actions']}/webhook\n"
            f"  enable_selective_domain: true\n"
            f"tracker_store:\n  type: engine.tracker_store.ShortTrackerStore\n  dialect: sqlite\n"
            f"  db: {self.folder / 'tracker.db'}\n"
        )
        subprocess.run([PYTHON, "-m", "bot", "setup"], cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def start_all(self) -> None:
        """Engine, actions and bot."""
        for name in ("engine", "actions", "bot"):
            self.start(name)

    def stop(self) -> None:
        """Stop them."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(30)


@dataclass
class OursByWeb:
    """`POST /chat/api/messages`, as the page does."""

    system: Ours
    name: str = WEB
    tokens: dict[str, str] = field(default_factory=dict)

    def processes(self) -> dict[str, int]:
        """All three."""
        return {name: process.pid for name, process in self.system.processes.items()}

    async def say(self, client: httpx.AsyncClient, user: str, text: str) -> str:
        """One message of a conversation."""
        body = {"conversation": self.tokens.get(user), "message_id": str(uuid.uuid4()), "text": text}
        response = await client.post(f"{self.system.url}/chat/api/messages", json=body)
        if response.status_code != 200:
            return ""
        told = response.json()
        self.tokens[user] = told["conversation"]
        words = "\n".join(message["text"] for message in told["messages"])
        return "" if HOLDING in words else words


@dataclass
class OursByWeChat:
    """`POST /wechat/main` with a signed and encrypted envelope; the passive answer is decrypted again."""

    system: Ours
    name: str = WECHAT
    sent: int = 0
    key: Key = field(default_factory=lambda: Key(AES_KEY, APP_ID))

    def processes(self) -> dict[str, int]:
        """The same three."""
        return {name: process.pid for name, process in self.system.processes.items()}

    async def say(self, client: httpx.AsyncClient, user: str, text: str) -> str:
        """One message of a follower; what it costs to seal and open on this side is counted as well."""
        self.sent += 1
        now, nonce = str(int(time.time())), uuid.uuid4().hex
        sealed = self.key.seal(
            f"<xml><ToUserName>gh_0</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{now}</CreateTime>"
            f"<MsgType>text</MsgType><Content>{text}</Content><MsgId>{time.time_ns()}{self.sent}</MsgId></xml>"
        )
        query = {"timestamp": now, "nonce": nonce, "encrypt_type": "aes", "openid": user}
        query |= {"signature": signature(TOKEN, now, nonce), "msg_signature": signature(TOKEN, now, nonce, sealed)}
        body = f"<xml><ToUserName>gh_0</ToUserName><Encrypt>{sealed}</Encrypt></xml>"
        response = await client.post(f"{self.system.url}/wechat/main", params=query, content=body.encode())
        found = SEALED.search(response.text) if response.status_code == 200 else None
        words = self.key.open(found[1]).decode() if found else ""
        return "" if HOLDING in words else words


def stock_environment(ours: Ours) -> dict[str, str]:
    """What the stock action server needs to serve our actions: the same database and keys."""
    return ours.environment | {"RASA_TELEMETRY_ENABLED": "false"}


def train_stock(folder: Path) -> Path:
    """A model of our data with what `rasa init` gives (`stock_config.yml`); trained once a folder, some ten minutes."""
    model = folder / "stock.tar.gz"
    if not model.exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
        command = [RASA, "-m", "rasa", "train", "--config", CONFIG, "--out", folder, "--fixed-model-name", "stock"]
        subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=True, capture_output=True)
    return model


def memory_mb(pid: int) -> float:
    """Resident memory of a process and its children, in MB (Linux's /proc)."""
    total = 0.0
    for process in [pid, *_children(pid)]:
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except FileNotFoundError:
            continue
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        total += int(found[1]) / 1024 if found else 0
    return total


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *_children(child)]
    return found
