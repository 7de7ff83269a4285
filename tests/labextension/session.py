"""A session that records a bit of everything: what the TypeScript client is asked about."""

from __future__ import annotations

from IPython.core.interactiveshell import InteractiveShell

CELLS = """%load_ext maestro_jupyter
# %%
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
X, y = load_iris(return_X_y=True, as_frame=True)
# %%
search = GridSearchCV(LogisticRegression(max_iter=500), {'C': [0.1, 1.0]}, cv=3).fit(X, y)
# %%
import maestro_jupyter as maestro
with maestro.start_run('curves', params={'word': 'nan', 'rate': 0.1, 'none': None}, tags={'k': 'v'}):
    for step in range(5000):
        maestro.log({'loss': float('nan') if step == 3 else 1 / (step + 1)}, step=step)
    maestro.log({'odd/key ü': float('-inf'), 'gone': float('nan')})
    with open('page <ü>.html', 'w') as file: _ = file.write('<script>alert(1)</script>')
    maestro.log_artifact('page <ü>.html')
# %%
with maestro.start_run('fails'): 1 / 0
# %%
for number in range(30):
    with maestro.start_run(f'run {number}', project='many'): maestro.log({'score': number % 7})
# %%
from maestro_jupyter.app import current
from maestro_jupyter.recording import registering
with maestro.start_run('user') as run:
    registration = registering.register(
        current().recorder, 'scaler', b'<script>alert(1)</script>', type='feature_pipeline', format='file',
        media_type='text/html', about={'columns': ['a']}, tags=['tabular'], aliases=['champion'],
    )
    maestro.flush()
    registering.note_use(current().recorder, registration, run.run_id)
"""

if __name__ == "__main__":
    shell = InteractiveShell.instance()
    for cell in CELLS.split("# %%\n"):
        shell.run_cell(cell, store_history=True)
    shell.user_ns["maestro"].flush()
