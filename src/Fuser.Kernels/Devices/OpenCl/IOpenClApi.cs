namespace Fuser.Kernels.Devices.OpenCl;

/// <summary>
/// The functions of OpenCL 1.2 that are used, as the driver has them: codes and handles, no exceptions. Tests put a stand-in here that loses
/// the device or has no memory.
/// </summary>
internal unsafe interface IOpenClApi
{
    int GetPlatformIDs(uint entries, nint* platforms, uint* count);

    int GetPlatformInfo(nint platform, uint name, nuint size, void* value, nuint* actual);

    int GetDeviceIDs(nint platform, ulong type, uint entries, nint* devices, uint* count);

    int GetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* actual);

    nint CreateContext(nint device, int* error);

    int ReleaseContext(nint context);

    nint CreateCommandQueue(nint context, nint device, int* error);

    int ReleaseCommandQueue(nint queue);

    nint CreateBuffer(nint context, ulong flags, nuint size, void* host, int* error);

    int ReleaseMemObject(nint memory);

    nint CreateProgramWithSource(nint context, byte* text, nuint length, int* error);

    nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* error);

    int BuildProgram(nint program, nint device, byte* options);

    int GetProgramInfo(nint program, uint name, nuint size, void* value, nuint* actual);

    int GetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* actual);

    int ReleaseProgram(nint program);

    nint CreateKernel(nint program, byte* name, int* error);

    int ReleaseKernel(nint kernel);

    int SetKernelArg(nint kernel, uint index, nuint size, void* value);

    int EnqueueKernel(nint queue, nint kernel, nuint globalSize, nuint localSize);

    int EnqueueReadBuffer(nint queue, nint buffer, nuint offset, nuint size, void* destination);

    int EnqueueWriteBuffer(nint queue, nint buffer, nuint offset, nuint size, void* source);

    int EnqueueCopyBuffer(nint queue, nint source, nint destination, nuint size);

    void* EnqueueMapBuffer(nint queue, nint buffer, ulong flags, nuint size, int* error);

    int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped);

    int Flush(nint queue);

    int Finish(nint queue);
}
