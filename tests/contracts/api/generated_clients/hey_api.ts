// Create a job with the client of @hey-api/openapi-ts, and read it back.
import { createJob, getJob, processStatus, trimVideo } from "./hey_api_client";
import { client } from "./hey_api_client/client.gen";

declare const process: { argv: string[] };

async function main(): Promise<void> {
  client.setConfig({ baseUrl: process.argv[2] });

  const made = await createJob({
    body: {
      name: "from hey-api",
      type: "hello_render",
      params: { text: "Hello" },
      model_ids: null,
      output: null,
    },
  });
  if (!made.data) throw new Error(JSON.stringify(made.error));
  const read = await getJob({ path: { jobId: made.data.job.id } });
  if (!read.data) throw new Error(JSON.stringify(read.error));

  const refused = await createJob({ body: { type: "trim" } });
  if (!refused.error) throw new Error("A trim without a video was accepted.");

  const work = await trimVideo({
    headers: { Prefer: "respond-async" },
    body: { video_url: "https://example.com/a.mp4", start_time: "0:01", end_time: 2 },
  });
  if (!work.data) throw new Error(JSON.stringify(work.error));
  const state = await processStatus({ path: { jobId: work.data.job_id } });
  if (state.data?.status !== "processing") throw new Error("The work is not under way.");
  const progress: number = state.data.progress;

  const { id, name, type, params, status } = read.data.job;
  const code = refused.error.error.code;
  console.log(
    JSON.stringify({
      id, name, type, text: params.text, status, refused: code, process: state.data.status, progress,
    }),
  );
}

main();
