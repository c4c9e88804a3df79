import { type PlatformUrls, platformServices, RunningPlatform } from '@app/testing';
import { Platform } from './platform.js';

export interface AnyPlatform {
  platform: RunningPlatform;
  stop(): Promise<unknown>;
}

/** The platform that `npm run scenarios -- --url` names, or one of the spec's own. */
export async function anyPlatform(): Promise<AnyPlatform> {
  const { SCENARIO_URLS, TOKEN } = process.env;
  if (!SCENARIO_URLS) {
    const platform = await Platform.start();
    return { platform, stop: () => platform.stop() };
  }
  const urls = JSON.parse(SCENARIO_URLS) as Partial<PlatformUrls>;
  const missing = platformServices.filter((service) => urls[service] === undefined);
  if (missing.length > 0) throw new Error(`SCENARIO_URLS names no ${missing.join(', ')}`);
  if (!TOKEN) throw new Error('TOKEN is empty: npm run scenarios sets it');
  return { platform: new RunningPlatform(urls as PlatformUrls, TOKEN), stop: () => Promise.resolve() };
}
