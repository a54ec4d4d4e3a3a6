# SPDX-License-Identifier: Apache-2.0
import numpy as np
from fabricate import new_result, write_evaluation, write_training
from theria_post.cli import main
from theria_post.plot import running_mean, window_for

PNG = b"\x89PNG\r\n\x1a\n"


def test_show(run, trained):
    said = run("show", trained)
    assert said.returncode == 0 and said.stderr == ""
    for words in (
        "1 min 5 s", "theria 0.1.0 (git 0123456789ab)", "digits, 4 classes",
        "full MAML, 5 inner steps at rate 0.4, adam at rate 0.001", "training, 300 outer steps",
        "evaluation on 50 held-out tasks", "classifier_weight", "no meta-gradient recorded",
    ):
        assert words in said.stdout, words


def test_show_of_a_record(recorded, capsys):
    assert main(["show", str(recorded())]) == 0
    assert "recorded meta-gradient" in capsys.readouterr().out


def test_show_of_many_evaluations_leaves_the_middle_out(tmp_path, capsys):
    path = tmp_path / "many.h5"
    with new_result(path, outer_steps=100, evaluation_tasks=4) as file:
        write_evaluation(file, list(range(0, 101, 5)), 4)
    assert main(["show", str(path)]) == 0
    said = capsys.readouterr().out
    assert "..." in said and "\n           100" in said and "\n            55" not in said


def test_show_of_a_single_task_has_no_interval(tmp_path, capsys):
    path = tmp_path / "one.h5"
    with new_result(path, evaluation_tasks=1) as file:
        write_evaluation(file, [0, 10], 1)
    assert main(["show", str(path)]) == 0
    said = capsys.readouterr().out
    assert "  evaluation on 1 held-out task\n" in said
    assert "nan" not in said and "±" not in said


def test_plot(trained, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", str(trained)]) == 0
    assert (tmp_path / "trained.png").read_bytes().startswith(PNG)
    assert "wrote trained.png" in capsys.readouterr().out


def test_plot_of_one_half_of_a_run(tmp_path):
    for name, write in (
        ("training", lambda file: write_training(file, 1)),
        ("evaluation", lambda file: write_evaluation(file, [0], 2)),
    ):
        path = tmp_path / f"{name}.h5"
        with new_result(path) as file:
            write(file)
        picture = path.with_suffix(".png")
        assert main(["plot", str(path), "--output", str(picture)]) == 0
        assert picture.read_bytes().startswith(PNG)


def test_plot_of_nothing(bare, capsys):
    assert main(["plot", str(bare)]) == 2
    assert "nothing to draw" in capsys.readouterr().err


def test_plot_that_cannot_be_written(trained, tmp_path, capsys):
    assert main(["plot", str(trained), "--output", str(tmp_path / "no" / "a.png")]) == 3
    assert "cannot be written" in capsys.readouterr().err
    assert main(["plot", str(trained), "--output", str(tmp_path / "a.docx")]) == 2
    assert "not supported" in capsys.readouterr().err


def test_running_mean():
    assert np.allclose(running_mean(np.full(50, 2.0), 7), 2.0)
    assert np.allclose(running_mean(np.arange(5.0), 3), [0.5, 1.0, 2.0, 3.0, 3.5])
    assert window_for(10) == 1 and window_for(300) == 15


def test_predictions_have_no_accuracy(tmp_path, capsys):
    path = tmp_path / "waves.h5"
    with new_result(path, task="sinusoid", classes=0, tokens=1, features=1, outer_steps=60) as file:
        write_training(file, 60, classes=False)
        write_evaluation(file, [0, 60], 20, classes=False)
    assert main(["show", str(path)]) == 0
    said = capsys.readouterr().out
    assert "sinusoid, 20 support and 20 query points of 1 feature" in said
    assert "query loss after" in said and "accuracy" not in said
    assert main(["plot", str(path), "--output", str(tmp_path / "waves.png")]) == 0
