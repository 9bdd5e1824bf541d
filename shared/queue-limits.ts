// Bounds of what is shown of a queue, and its lanes: without the schemas, so that browsers can have them too.

/** Bytes of a payload that a list shows, and that one look at a payload shows unless asked for more. */
export const PREVIEW_BYTES = 256
export const PAYLOAD_STEP_BYTES = 4_096
export const PAYLOAD_STEP_BYTES_MAX = 65_536

/** By the packet that is awaited from the client. */
export const inflightLanes = ['puback', 'pubrec', 'pubcomp', 'pubrel'] as const
