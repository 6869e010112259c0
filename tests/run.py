"""`make test`: look for what the tests need beside PyPI, say what is missing and what is skipped, and run them."""

import os
import shutil
import sys
from pathlib import Path

import pytest

APACHE_MODULE = "/usr/lib/apache2/modules/mod_auth_openidc.so"
NGINX = "/usr/sbin/nginx"

SLAPD = "/usr/sbin/slapd"

NEEDS = {
    "browser": ("chromium", "apt-get install chromium"),
    "node": ("npm", "apt-get install nodejs npm"),
    "slapd": (SLAPD, "apt-get install slapd ldap-utils"),
    "apache": (APACHE_MODULE, "apt-get install libapache2-mod-auth-openidc"),
    "nginx": (NGINX, "apt-get install nginx-light curl openssl"),
}


def is_missing(program: str) -> bool:
    """Whether a program (by name) or a file (by its whole path) is not on this machine."""
    return not Path(program).exists() if program.startswith("/") else shutil.which(program) is None


def main() -> int:
    """Run all tests in parallel; with CI=true nothing may be missing."""
    missing = {marker: install for marker, (program, install) in NEEDS.items() if is_missing(program)}
    for marker, install in missing.items():
        print(f"Tests marked '{marker}' are skipped: {NEEDS[marker][0]} is missing. Install it with: {install}")
    if missing and os.environ.get("CI") == "true":
        print("CI=true: nothing may be skipped.")
        return 1
    return int(pytest.main(["-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadgroup", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
