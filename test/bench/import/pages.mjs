import { median } from '../report.mjs';

const pageSize = 200;
/** Pages whose times are compared: so many at the beginning, and at the end. */
const compared = 10;

/** Reads the list of customers from its first page to its last, and compares the two. */
export async function pageRows(env) {
  const times = [];
  for (let cursor = ''; cursor !== undefined;) {
    const query = new URLSearchParams({ limit: pageSize, ...(cursor && { cursor }) });
    const started = performance.now();
    const response = await fetch(`http://127.0.0.1:${env.PROFILE_PORT}/v1/customers?${query}`, {
      headers: { authorization: `Bearer ${env.TOKEN}` },
    });
    const page = await response.json();
    if (!response.ok) throw new Error(`the list answered ${response.status}: ${page.title}`);
    times.push(performance.now() - started);
    cursor = page.nextCursor;
  }
  // The very first answer also loads what all of them need.
  const first = median(times.slice(1, compared + 1));
  const last = median(times.slice(-compared - 1, -1));
  return [
    {
      what: `the list's pages of ${pageSize} customers, the first ten`,
      measured: `${first.toFixed(1)} ms`,
    },
    {
      what: `  those up to page ${times.length.toLocaleString('en')}`,
      target: 'equally quick',
      measured: `${last.toFixed(1)} ms, ${(last / first).toFixed(2)} ×`,
      verdict: last <= first * 1.25 ? 'met' : 'short',
    },
  ];
}
