"""The receiver's side of a webhook: whose request is it?"""

import hmac
import re
import time
from pathlib import Path

import pytest

import driftline as dl

CANARY = "c4n4ry5ecret"
README = Path(__file__).parents[2] / "README.md"


def signed(secret, timestamp, delivery, body):
    mac = hmac.new(secret.encode(), f"{timestamp}.{delivery}.".encode() + body, "sha256")
    return {
        "Driftline-Delivery": delivery,
        "Driftline-Timestamp": str(timestamp),
        "Driftline-Signature": f"v1={mac.hexdigest()}",
    }


def test_a_right_signature_is_recognised():
    headers = signed("key", 1_372_654_800, "d-1", b"{}")
    for now in (1_372_654_800, 1_372_654_500, 1_372_655_100.0):
        assert dl.verify_signature("key", headers, b"{}", now=now)
    lower = {name.lower(): value for name, value in headers.items()}
    assert dl.verify_signature("key", lower, memoryview(b"{}"), now=1_372_654_800)
    assert dl.verify_signature("key", signed("key", int(time.time()), "d", b""), b"")


def test_anything_else_is_not():
    right = signed("key", 1_372_654_800, "d-1", b"{}")

    def verified(secret="key", body=b"{}", now=1_372_654_800, **changes):
        headers = {**right, **{name.replace("_", "-"): v for name, v in changes.items()}}
        headers = {name: value for name, value in headers.items() if value is not None}
        return dl.verify_signature(secret, headers, body, now=now)

    assert verified()
    assert not verified(secret="kez")
    assert not verified(body=b"{ }")
    for now in (1_372_654_499, 1_372_655_101, float("nan"), float("inf")):
        assert not verified(now=now)
    for name in right:
        assert not verified(**{name.replace("-", "_"): None})
        for value in ("", "x", "v1=", "é", "\ud800", "1372654801", " 1372654800", "-1", "9" * 5000):
            assert not verified(**{name.replace("-", "_"): value})
    upper = right["Driftline-Signature"].upper()
    assert not verified(Driftline_Signature=upper)
    assert not verified(Driftline_Signature=right["Driftline-Signature"].replace("v1", "v0"))


def test_verifying_refuses_mistakes_of_the_caller():
    with pytest.raises(dl.InvalidValueError, match=r"^secret: got an empty text"):
        dl.verify_signature("", {}, b"")
    with pytest.raises(dl.InvalidTypeError, match=r"^secret: .*type bytes"):
        dl.verify_signature(CANARY.encode(), {}, b"")
    with pytest.raises(dl.InvalidTypeError, match=r"^body: .*type str"):
        dl.verify_signature("key", {}, "{}")


def test_the_readme_verifies_a_signature():
    blocks = re.findall(
        r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    (code,) = [block for block in blocks if "def is_ours" in block]
    names = {}
    exec(code, names)
    now = int(time.time())
    headers = signed("key", now, "d-1", b"{}")
    assert names["is_ours"]("key", headers, b"{}")
    assert not names["is_ours"]("key", headers, b"{ }")
    assert not names["is_ours"]("kez", headers, b"{}")
    assert not names["is_ours"]("key", signed("key", now - 1000, "d-1", b"{}"), b"{}")
