"""Runs python-tuf's client through cases that lie in a folder, and prints what came of each step as JSON.

It shares no code with Ballast's client. Its own fetcher is left out: files of a folder are all there is to fetch.
"""

import datetime
import json
import pathlib
import shutil
import sys
import tempfile
import types
import urllib.parse

STUB = "tuf.ngclient._internal.requests_fetcher"
sys.modules[STUB] = types.ModuleType(STUB)
sys.modules[STUB].RequestsFetcher = object

from tuf.api.exceptions import DownloadHTTPError  # noqa: E402
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig  # noqa: E402

BASE = "http://repository.test/"


class FolderFetcher(FetcherInterface):
    def __init__(self, folder):
        self.folder = folder

    def _fetch(self, url):
        path = self.folder / urllib.parse.unquote(urllib.parse.urlsplit(url).path).lstrip("/")
        if not path.is_file():
            raise DownloadHTTPError("not there", 404)
        yield path.read_bytes()


def outcome_of(step, folder, state, targets):
    try:
        config = UpdaterConfig(max_root_rotations=1024)
        fetcher = FolderFetcher(folder)
        updater = Updater(str(state), BASE + "metadata/", str(targets), BASE + "targets/", fetcher, config)
        now = datetime.datetime.fromisoformat(step["now"].replace("Z", "+00:00"))
        updater._trusted_set.reference_time = now
        updater.refresh()
        if step.get("read") is None:
            return "trusted"
        target = updater.get_targetinfo(step["read"])
        if target is None:
            return "no target"
        updater.download_target(target)
        return "trusted"
    except Exception as error:  # noqa: BLE001
        return type(error).__name__


def run(cases):
    outcomes = {}
    for case in json.loads((cases / "cases.json").read_text()):
        with tempfile.TemporaryDirectory() as work:
            state = pathlib.Path(work) / "state"
            targets = pathlib.Path(work) / "targets"
            state.mkdir()
            targets.mkdir()
            shutil.copy(cases / case["trusted_root"], state / "root.json")
            outcomes[case["name"]] = [
                outcome_of(step, cases / step["folder"], state, targets) for step in case["steps"]
            ]
    print(json.dumps(outcomes))


run(pathlib.Path(sys.argv[1]))
