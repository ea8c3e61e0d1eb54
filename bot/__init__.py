"""半边天: channels, turns, the web chat, the console and everything behind them."""
