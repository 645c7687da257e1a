using Fuser.Kernels.Devices.OpenCl;

namespace Fuser.OpenClTesting;

/// <summary>A driver that is called as ever, and remembers by which names.</summary>
internal sealed unsafe class RecordingOpenCl(IOpenClApi api) : IOpenClApi
{
    private readonly List<string> _names = [];

    /// <summary>All calls so far.</summary>
    public IReadOnlyList<string> Names => _names;

    public int GetPlatformIDs(uint entries, nint* platforms, uint* count) => Recorded(nameof(GetPlatformIDs), api.GetPlatformIDs(entries, platforms, count));

    public int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* actual) => Recorded(nameof(GetPlatformInfo), api.GetPlatformInfo(platform, name, size, value, actual));

    public int GetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count) => Recorded(nameof(GetDeviceIDs), api.GetDeviceIDs(platform, type, entries, devices, count));

    public int GetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* actual) => Recorded(nameof(GetDeviceInfo), api.GetDeviceInfo(device, name, size, value, actual));

    public nint CreateContext(nint device, int* error) => Recorded(nameof(CreateContext), api.CreateContext(device, error));

    public int ReleaseContext(nint context) => Recorded(nameof(ReleaseContext), api.ReleaseContext(context));

    public nint CreateCommandQueue(nint context, nint device, int* error) => Recorded(nameof(CreateCommandQueue), api.CreateCommandQueue(context, device, error));

    public int ReleaseCommandQueue(nint queue) => Recorded(nameof(ReleaseCommandQueue), api.ReleaseCommandQueue(queue));

    public nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* error) => Recorded(nameof(CreateBuffer), api.CreateBuffer(context, flags, size, host, error));

    public int ReleaseMemObject(nint memory) => Recorded(nameof(ReleaseMemObject), api.ReleaseMemObject(memory));

    public nint CreateProgramWithSource(nint context, byte* text, nuint length, int* error) => Recorded(nameof(CreateProgramWithSource), api.CreateProgramWithSource(context, text, length, error));

    public nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* error) => Recorded(nameof(CreateProgramWithBinary), api.CreateProgramWithBinary(context, device, binary, length, error));

    public int BuildProgram(nint program, nint device, byte* options) => Recorded(nameof(BuildProgram), api.BuildProgram(program, device, options));

    public int GetProgramInfo(nint program, uint name, nuint size, void* value, nuint* actual) => Recorded(nameof(GetProgramInfo), api.GetProgramInfo(program, name, size, value, actual));

    public int GetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* actual) => Recorded(nameof(GetProgramBuildInfo), api.GetProgramBuildInfo(program, device, name, size, value, actual));

    public int ReleaseProgram(nint program) => Recorded(nameof(ReleaseProgram), api.ReleaseProgram(program));

    public nint CreateKernel(nint program, byte* name, int* error) => Recorded(nameof(CreateKernel), api.CreateKernel(program, name, error));

    public int ReleaseKernel(nint kernel) => Recorded(nameof(ReleaseKernel), api.ReleaseKernel(kernel));

    public int SetKernelArg(nint kernel, uint index, nuint size, void* value) => Recorded(nameof(SetKernelArg), api.SetKernelArg(kernel, index, size, value));

    public int EnqueueKernel(nint queue, nint kernel, nuint globalSize, nuint localSize) => Recorded(nameof(EnqueueKernel), api.EnqueueKernel(queue, kernel, globalSize, localSize));

    public int EnqueueReadBuffer(nint queue, nint buffer, nuint offset, nuint size, void* destination) => Recorded(nameof(EnqueueReadBuffer), api.EnqueueReadBuffer(queue, buffer, offset, size, destination));

    public int EnqueueWriteBuffer(nint queue, nint buffer, nuint offset, nuint size, void* source) => Recorded(nameof(EnqueueWriteBuffer), api.EnqueueWriteBuffer(queue, buffer, offset, size, source));

    public int EnqueueCopyBuffer(nint queue, nint source, nint destination, nuint size) => Recorded(nameof(EnqueueCopyBuffer), api.EnqueueCopyBuffer(queue, source, destination, size));

    public void* EnqueueMapBuffer(nint queue, nint buffer, ulong flags, nuint size, int* error)
    {
        _names.Add(nameof(EnqueueMapBuffer));
        return api.EnqueueMapBuffer(queue, buffer, flags, size, error);
    }

    public int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => Recorded(nameof(EnqueueUnmapMemObject), api.EnqueueUnmapMemObject(queue, buffer, mapped));

    public int Flush(nint queue) => Recorded(nameof(Flush), api.Flush(queue));

    public int Finish(nint queue) => Recorded(nameof(Finish), api.Finish(queue));

    private T Recorded<T>(string name, T result)
    {
        _names.Add(name);
        return result;
    }
}
