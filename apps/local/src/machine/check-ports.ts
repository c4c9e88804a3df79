import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Ports, StartError, portTable } from '../settings.js';

/** @throws StartError `PORT_TAKEN`, naming port, use and variable of every port that cannot be had */
export async function checkPorts(ports: Partial<Ports>): Promise<void> {
  const problems = await Promise.all(
    Object.entries(ports).map(async ([variable, port]) => {
      const code = await whyNot(port);
      if (code === undefined) return [];
      const { use } = portTable[variable as keyof Ports];
      const reason = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be opened (${code})`;
      return [`port ${port} for ${use} ${reason}: free it, or set ${variable} to another`];
    }),
  );
  if (problems.flat().length > 0) throw new StartError('PORT_TAKEN', problems.flat().join('\n'));
}

async function whyNot(port: number): Promise<string | undefined> {
  const probe = createServer();
  try {
    probe.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(probe, 'listening');
    probe.close();
    await once(probe, 'close');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
