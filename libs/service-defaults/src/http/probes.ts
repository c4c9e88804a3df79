/** Health and metrics: asked all the time, by machines of all kinds. */
export const probes = /^\/(?:health|metrics)/;
