/** Which nodes live, as far as the database knows. */

/** Of a row of `nodes` that is called `n`. */
export const LIVING = 'NOT n.dead AND n.expires_at > clock_timestamp()';
