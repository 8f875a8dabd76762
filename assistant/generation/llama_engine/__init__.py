"""Runs GGUF models with llama.cpp: files, model, samplers, and the engine that shares one model."""
