"""WeChat official accounts: the webhook (safe mode), and sending afterwards."""
