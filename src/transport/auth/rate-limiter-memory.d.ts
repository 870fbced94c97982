/** The one limiter of the package that is needed: its index loads all of them, and that is 7 MB and 30 ms. */
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  export { RateLimiterMemory as default } from 'rate-limiter-flexible';
}
