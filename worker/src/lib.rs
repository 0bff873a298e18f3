//! moodloop on Cloudflare.
