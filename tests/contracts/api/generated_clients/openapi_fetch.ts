// Create a job with the types of openapi-typescript and openapi-fetch, and read it back.
import createClient from "openapi-fetch";
import type { paths } from "./openapi_typescript";

declare const process: { argv: string[] };

async function main(): Promise<void> {
  const client = createClient<paths>({ baseUrl: process.argv[2] });

  const made = await client.POST("/jobs", {
    body: {
      name: "from openapi-typescript",
      type: "hello_render",
      params: { text: "Hello" },
      model_ids: null,
      output: null,
    },
  });
  if (!made.data) throw new Error(made.error.error.message);
  const path = { jobId: made.data.job.id };
  const read = await client.GET("/jobs/{jobId}", { params: { path } });
  if (!read.data) throw new Error(read.error.error.message);

  const refused = await client.POST("/jobs", { body: { type: "trim" } });
  if (!refused.error) throw new Error("A trim without a video was accepted.");

  const work = await client.POST("/process/video/trim", {
    params: { header: { Prefer: "respond-async" } },
    body: { video_url: "https://example.com/a.mp4", start_time: "0:01", end_time: 2 },
  });
  if (!work.data) throw new Error(work.error.error.message);
  const state = await client.GET("/process/status/{jobId}", {
    params: { path: { jobId: work.data.job_id } },
  });
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
