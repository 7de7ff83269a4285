"""Requests made from the OpenAPI document: never an error of ours, never an answer that it does not declare.

A few thousand cases by default; `MAESTRO_SCHEMATHESIS_EXAMPLES=1000` makes well over 10,000.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from live_server import BASE, OWNER

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,unsupported_method,ignored_auth"
)
COMMAND = Path(sys.executable).with_name("schemathesis")


@pytest.mark.slow
@pytest.mark.skipif(not COMMAND.exists(), reason="schemathesis is not installed")
@pytest.mark.timeout(3600)
def test_what_the_description_allows_is_answered_as_it_says(live, tmp_path):
    said = subprocess.run(
        [
            COMMAND,
            "run",
            f"http://{live.host}{BASE}maestro/api/v1/openapi.json",
            f"--header=Authorization: token {OWNER}",
            f"--max-examples={os.environ.get('MAESTRO_SCHEMATHESIS_EXAMPLES', '60')}",
            "--phases=coverage,fuzzing",
            f"--checks={CHECKS}",
            "--generation-deterministic",
            "--generation-codec=ascii",  # longer than the 64 KiB of headers that tornado reads, otherwise
            "--continue-on-failure",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-20_000:]
    found = re.search(r"(\d+) generated, (\d+) passed", said.stdout)
    assert found
    assert int(found[1]) > 500
