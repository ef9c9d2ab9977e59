"""Events of the renderer that an attempt follows."""

from __future__ import annotations

from gala.db.engine import Sessions
from gala.ids import Prefix, new_id
from gala.job import JobPhase, LogLevel
from gala.job_queue.lease import Lease
from gala.render_protocol import NDJSON, Done, Log, RenderRequest
from gala_worker.heartbeat import Heartbeat
from gala_worker.renderer_client import Renderer
from tests.fakes.http import Handler, served

SEPARATORS = "one\u2028two\x85three"


class TellingRenderer(Handler):
    """Logs a text of a user with line separators, then is done."""

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["content-length"]))
        lines = (Log(level=LogLevel.WARNING, msg=SEPARATORS), Done())
        body = b"".join(line.model_dump_json().encode() + b"\n" for line in lines)
        self.answer(200, body, Content_Type=NDJSON)


def test_texts_of_users_may_have_line_separators(sessions: Sessions) -> None:
    job_id = new_id(Prefix.JOB)
    lease = Lease(job_id=job_id, attempt=1, token=1)
    heartbeat = Heartbeat(sessions, lease, lease_seconds=60, interval=60, deadline_seconds=60)
    request = RenderRequest(
        job_id=job_id, attempt=1, type="test_noop", params={}, deadline_seconds=60
    )
    with served(TellingRenderer) as url:
        renderer = Renderer(url, wait_seconds=0)
        renderer.render(request, heartbeat, share=(0.0, 1.0))
        renderer.close()
    with heartbeat.pending_report() as report:
        assert report.phase is JobPhase.STAGING
        assert [event.data["msg"] for event in report.events if event.kind == "log"] == [SEPARATORS]
