/** Set by globalSetup: where the run's keeper answers. */
export const keeperVariable = 'TEST_CLUSTER_KEEPER';

let known: Promise<string> | undefined;

/** The connection string of the superuser on the run's PostgreSQL, started by the first call of the run. */
export function clusterUrl(): Promise<string> {
  known ??= ask();
  return known;
}

async function ask(): Promise<string> {
  const keeper = process.env[keeperVariable];
  if (!keeper)
    throw new Error(
      'no keeper of the test cluster: run the specs with npm test (jest.config.mjs has its globalSetup)',
    );
  const response = await fetch(keeper);
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}
