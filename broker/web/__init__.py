"""What every page shares: cookies, security headers, CSRF, languages, refusals as pages, the authorisation table."""
