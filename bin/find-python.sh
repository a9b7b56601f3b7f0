# Sourced by the scripts beside it: sets PYTHON to a Python 3.11 or newer, or says what is wrong.
PYTHON=
for candidate in "${YINUO_PYTHON:-}" python3.11 python3 python3.12 python3.13 python3.14 /usr/bin/python3 python; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        PYTHON=$candidate
        break
    fi
    # A Python that was named on purpose is the only one that will do.
    [ -z "${YINUO_PYTHON:-}" ] || break
done
if [ -z "$PYTHON" ]; then
    found=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
    [ -z "${YINUO_PYTHON:-}" ] || found=$("$YINUO_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
    echo "需要 Python 3.11 或更高版本（找到的是 ${found:-无}）；请先安装，或用 YINUO_PYTHON 指定它的路径。" >&2
    exit 3
fi
