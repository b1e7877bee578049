"""Starts hatchery-core 0.3.0's real torch worker on the CPU in float32, with its gateway on 127.0.0.1.

    python3 hatchery_server.py MODEL_FOLDER PORT [API_KEY]     in an environment with: pip install hatchery-core==0.3.0

Its own local mode falls back to a scripted worker where there is no CUDA, and listens on all addresses.
Uses names that begin with an underscore, so it holds for version 0.3.0 only.
"""
import asyncio
import sys
import uuid

import torch
import uvicorn
from hatchery.core.gateway import create_app, set_config
from hatchery.core.local_dev import _build_config
from hatchery.core.worker import GPUWorker


async def serve(model, port, key="tml-key"):
    config = _build_config(key)
    set_config(config)
    app = create_app(config=config)
    await config.metadata.initialize()
    await config.queue.initialize()
    worker = GPUWorker(worker_id=f"cpu-{uuid.uuid4().hex[:6]}", base_model_name=model, config=config, device="cpu", dtype=torch.float32)
    await worker.register()

    async def work():
        while True:
            job = await config.queue.dequeue(worker_id=worker.worker_id, model_filter=model, visibility_timeout=300)
            if job is None:
                await asyncio.sleep(0.02)
            else:
                await worker._process_one(job)

    working = asyncio.create_task(work())
    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=int(port), log_level="info", lifespan="off")).serve()
    working.cancel()


if len(sys.argv) < 3:
    sys.exit(__doc__)
asyncio.run(serve(*sys.argv[1:]))
