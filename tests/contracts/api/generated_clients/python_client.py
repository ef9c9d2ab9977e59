"""Create a job with the client of openapi-python-client, and read it back."""

import json
import sys

from gala_client import AuthenticatedClient
from gala_client.api.jobs import create_job, get_job
from gala_client.api.process import process_status, trim_video
from gala_client.models import (
    CreateJobRequest,
    HelloParams,
    JobDetailResponse,
    Problem,
    ProcessPending,
    RenderTypeName,
    TrimVideoRequest,
)

client = AuthenticatedClient(base_url=sys.argv[1], token="unused")

made = create_job.sync(
    client=client,
    body=CreateJobRequest(
        name="from Python",
        type_=RenderTypeName.HELLO_RENDER,
        params=HelloParams(text="Hello"),
        model_ids=None,
        output=None,
    ),
)
assert isinstance(made, JobDetailResponse), made
read = get_job.sync(made.job.id, client=client)
assert isinstance(read, JobDetailResponse), read

refused = create_job.sync(client=client, body=CreateJobRequest(type_=RenderTypeName.TRIM))
assert isinstance(refused, Problem), refused

trim = TrimVideoRequest(video_url="https://example.com/a.mp4", start_time="0:01", end_time=2)
work = trim_video.sync(client=client, body=trim, prefer="respond-async")
assert isinstance(work, ProcessPending), work
state = process_status.sync(work.job_id, client=client)
assert isinstance(state, ProcessPending), state

job = read.job
print(
    json.dumps(
        {
            "id": job.id,
            "name": job.name,
            "type": job.type_,
            "text": job.params["text"],
            "status": job.status.value,
            "refused": refused.error.code.value,
            "process": state.status,
        }
    )
)
