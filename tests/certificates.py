"""Certificates for tests, made by openssl, which is on any machine that runs Debian."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec import Struct


class Certificate(Struct, frozen=True):
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    @property
    def pem(self) -> str:
        return self.certificate.read_text()


def self_signed(folder: Path, name: str = "auction.example", days: int = 1) -> Certificate:
    """A certificate that only vouches for itself; with -1 days, one that has expired."""
    request, made = _request(folder, name)
    openssl("x509", "-req", "-in", request, "-signkey", made.key, "-days", days, "-out", made.certificate)
    return made


def signed(folder: Path, by: Certificate, name: str = "auction.example") -> Certificate:
    """A certificate that another one vouches for."""
    request, made = _request(folder, name)
    ca = ("-CA", by.certificate, "-CAkey", by.key, "-CAcreateserial")
    openssl("x509", "-req", "-in", request, *ca, "-days", 1, "-out", made.certificate)
    return made


def _request(folder: Path, name: str) -> tuple[Path, Certificate]:
    folder.mkdir(parents=True, exist_ok=True)
    request, made = folder / "request.pem", Certificate(folder / "cert.pem", folder / "key.pem")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", *curve, "-nodes", "-keyout", made.key, "-out", request, "-subj", f"/CN={name}")
    return request, made


def openssl(*arguments: object) -> None:
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have openssl")
        pytest.skip("this machine does not have openssl")
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
