export function keyOf(customerId: string): Buffer;
export function startKeyService(): Promise<{ url: string; close(): void }>;
