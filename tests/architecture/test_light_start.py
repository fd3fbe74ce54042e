"""Opening the product must not wait for packages that only later pages need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.doubles.repository import ROOT

_PROBE = """
import json, sys
from streamlit.testing.v1 import AppTest
test = AppTest.from_file("app/main.py", default_timeout=60).run()
assert not test.exception, test.exception
test.button(key="picker.sample").click().run()
assert not test.exception, test.exception
# plotly is not among them: Streamlit itself imports it wherever it is installed.
heavy = "tensorflow keras torch transformers sentence_transformers sklearn wordcloud matplotlib".split()
print(json.dumps({"loaded": [name for name in heavy if name in sys.modules],
                  "showing": [m.value for m in test.markdown if "Showing" in m.value]}))
"""


def test_the_tagging_page_loads_no_heavy_package(tmp_path: Path) -> None:
    environment = os.environ | {"TOOLKIT_HOME": str(tmp_path), "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["loaded"] == []
    assert len(result["showing"]) == 1
