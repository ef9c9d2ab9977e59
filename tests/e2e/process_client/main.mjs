// Calls one method of the client: its name and its arguments come as JSON on stdin, what came of it
// goes as JSON to stdout. With `fetch_to` the asset's URL is opened, without any header, and saved.
import { createWriteStream, existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import axios from 'axios';

const compiled = new URL('moviepy.service.mjs', import.meta.url);

// Compiled by the first call only: loading the compiler takes longer than the calls.
async function compile() {
  const { default: ts } = await import('typescript');
  const source = await readFile(new URL('moviepy.service.ts', import.meta.url), 'utf8');
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  const unfinished = new URL(`moviepy.service.${process.pid}.mjs`, import.meta.url);
  await writeFile(unfinished, outputText);
  await rename(unfinished, compiled);
}

async function client() {
  if (!existsSync(compiled)) await compile();
  const { MoviePyService } = await import(compiled);
  return new MoviePyService();
}

// The client's own errors keep only a sentence; what the service answered is seen on the way.
let answered = null;
axios.interceptors.response.use(undefined, (error) => {
  answered = error.response ? { status: error.response.status, data: error.response.data } : null;
  throw error;
});

async function main() {
  const { method, args, fetch_to: file } = JSON.parse(await text(process.stdin));
  const service = await client();
  try {
    const result = await service[method](...args);
    const told = { result };
    if (file) {
      const answer = await fetch(result.asset_url);
      told.fetched = answer.status;
      await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
    }
    return told;
  } catch (error) {
    return { error: error.message, answered };
  }
}

console.log(JSON.stringify(await main()));
