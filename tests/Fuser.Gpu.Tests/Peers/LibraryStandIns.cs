namespace Fuser.Gpu.Tests.Peers;

/// <summary>Libraries that need a device, as thin covers of NumPy: what peers call of them is there, and takes and gives what the libraries do.</summary>
internal static class LibraryStandIns
{
    private const string Erf =
        """
        import math
        import numpy
        slow = numpy.vectorize(math.erf, otypes=[numpy.float64])
        def erf(x):
            return slow(x).astype(x.dtype)
        """;

    private static readonly (string Path, string Text)[] s_files =
    [
        ("jax/__init__.py",
            """
            import types
            __version__ = "0.0"
            settings = {}
            config = types.SimpleNamespace(update=settings.__setitem__)
            def devices(kind):
                if kind != "cpu":
                    raise RuntimeError(f"unknown backend {kind}")
                return [types.SimpleNamespace(device_kind=kind)]
            def jit(function):
                return function
            def block_until_ready(value):
                return value
            """),
        ("jax/numpy/__init__.py",
            """
            import numpy
            def __getattr__(name):
                return getattr(numpy, name)
            """),
        ("jax/scipy/__init__.py", ""),
        ("jax/scipy/special.py", Erf),
        ("jaxlib/__init__.py", "__version__ = '0.0'\n"),
        ("cupy/__init__.py",
            """
            import types
            from time import perf_counter
            import numpy
            __version__ = "0.0"
            def __getattr__(name):
                return getattr(numpy, name)
            def fuse():
                def fused(function):
                    def call(*values):
                        if len(values) == 5 and values[0].dtype == numpy.float64:
                            raise TypeError("no fusion of that here")
                        return function(*values)
                    return call
                return fused
            class Event:
                def record(self):
                    self.time = perf_counter()
                def synchronize(self):
                    pass
            runtime = types.SimpleNamespace(
                CUDARuntimeError=RuntimeError, getDeviceCount=lambda: 1, runtimeGetVersion=lambda: 12040, getDeviceProperties=lambda device: {"name": b"a device"})
            cuda = types.SimpleNamespace(
                runtime=runtime, Event=Event, get_elapsed_time=lambda start, stop: (stop.time - start.time) * 1e3,
                Device=lambda: types.SimpleNamespace(synchronize=lambda: None))
            def asnumpy(array):
                return numpy.ascontiguousarray(array)
            def get_default_memory_pool():
                return types.SimpleNamespace(free_all_blocks=lambda: None)
            """),
        ("cupyx/__init__.py", ""),
        ("cupyx/scipy/__init__.py", ""),
        ("cupyx/scipy/special.py", Erf),
    ];

    /// <summary>Writes them where Python finds them first.</summary>
    public static void WriteTo(string folder)
    {
        foreach (var (path, text) in s_files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }
}
