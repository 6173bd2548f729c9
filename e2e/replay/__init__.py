"""Replays recorded AgentOS exchanges against a running server; see `../transcripts.py`."""
