namespace Fuser.Kernels;

/// <summary>
/// The stable codes of <see cref="FuserException.Code"/>. A code is never reused or renumbered; <c>docs/errors.md</c> has a row
/// for each. FUS1xxx graph text and structure, FUS2xxx operations and types, FUS3xxx inputs and shapes, FUS4xxx compilation,
/// FUS5xxx devices, FUS6xxx actors, FUS7xxx files, FUS8xxx the command line and the host node, FUS9xxx bugs.
/// </summary>
public static class ErrorCodes
{
    /// <summary>The graph text breaks the grammar.</summary>
    public const string GraphSyntax = "FUS1001";

    /// <summary>The graph text is longer than the limit.</summary>
    public const string GraphTextTooLong = "FUS1002";

    /// <summary>The graph has more nodes, values, names or nesting than the limits allow.</summary>
    public const string GraphLimit = "FUS1003";

    /// <summary>A value is used before, or without, its definition.</summary>
    public const string UndefinedValue = "FUS1004";

    /// <summary>A value is defined twice.</summary>
    public const string DuplicateValue = "FUS1005";

    /// <summary>A fusion group has no body, or a body has no caller.</summary>
    public const string UnresolvedSubgraph = "FUS1006";

    /// <summary>A fusion group is called with another number of values than its body has.</summary>
    public const string SubgraphArity = "FUS1007";

    /// <summary>An attribute is missing, of the wrong kind, or out of range.</summary>
    public const string BadAttribute = "FUS1008";

    /// <summary>A control-flow node has the wrong number of blocks, block inputs or block outputs.</summary>
    public const string BadBlock = "FUS1009";

    /// <summary>A graph under construction was used wrongly: a handle of another builder, no outputs, a name taken twice.</summary>
    public const string BuilderMisuse = "FUS1010";

    /// <summary>A C# expression has no meaning as a graph.</summary>
    public const string UnsupportedExpression = "FUS1011";

    /// <summary>A literal cannot be read: a number out of range, a bad escape.</summary>
    public const string BadLiteral = "FUS1012";

    /// <summary>The operation is not known.</summary>
    public const string UnknownOperation = "FUS2001";

    /// <summary>An operation has the wrong number of arguments.</summary>
    public const string OperationArity = "FUS2002";

    /// <summary>An argument of an operation has the wrong kind: a tensor where a number is wanted, and the like.</summary>
    public const string OperationArgument = "FUS2003";

    /// <summary>An operation has no meaning for an element type.</summary>
    public const string UnsupportedDType = "FUS2004";

    /// <summary>The operation is known but not offered in this version.</summary>
    public const string UnsupportedOperation = "FUS2005";

    /// <summary>The number of inputs differs from the graph's.</summary>
    public const string InputCount = "FUS3001";

    /// <summary>Shapes do not broadcast.</summary>
    public const string BroadcastMismatch = "FUS3002";

    /// <summary>An input has an element type the graph cannot take.</summary>
    public const string InputDType = "FUS3003";

    /// <summary>An input is of the wrong kind: a number where a tensor is wanted, or the reverse.</summary>
    public const string InputKind = "FUS3004";

    /// <summary>A shape, stride, axis or size is out of range.</summary>
    public const string InvalidShape = "FUS3005";

    /// <summary>An output buffer does not fit: its shape, type, or overlap with an input.</summary>
    public const string OutputMismatch = "FUS3006";

    /// <summary>Memory outside the limits was asked for.</summary>
    public const string SizeLimit = "FUS3007";

    /// <summary>An element or a number is one that the operation does not take: an index that is none, an integer divisor of zero.</summary>
    public const string InvalidValue = "FUS3008";

    /// <summary>A kernel could not be generated or compiled.</summary>
    public const string CompileFailed = "FUS4001";

    /// <summary>A compile took longer than its limit.</summary>
    public const string CompileTimeout = "FUS4002";

    /// <summary>The target cannot express the kernel.</summary>
    public const string TargetUnsupported = "FUS4003";

    /// <summary>There is no device of that name.</summary>
    public const string UnknownDevice = "FUS5001";

    /// <summary>The device is known but its driver is not available.</summary>
    public const string DeviceUnavailable = "FUS5002";

    /// <summary>A launch failed.</summary>
    public const string LaunchFailed = "FUS5003";

    /// <summary>Device memory is exhausted.</summary>
    public const string OutOfDeviceMemory = "FUS5004";

    /// <summary>A buffer is gone, because it was freed or its device was lost.</summary>
    public const string BufferLost = "FUS5005";

    /// <summary>The graph ended the run with an error of its own (<c>prim::RaiseException</c>).</summary>
    public const string GraphRaised = "FUS5006";

    /// <summary>A device stopped answering; it is opened again, and what was on it is gone.</summary>
    public const string DeviceLost = "FUS5007";

    /// <summary>A device computes other bits than the contract says.</summary>
    public const string DeviceInexact = "FUS5008";

    /// <summary>The inputs of one run are on several devices, or on another than was asked for.</summary>
    public const string MixedDevices = "FUS5009";

    /// <summary>An actor did not answer in time.</summary>
    public const string AskTimeout = "FUS6001";

    /// <summary>A mailbox or a device queue is full.</summary>
    public const string Overloaded = "FUS6002";

    /// <summary>The actor, or the whole system, has stopped.</summary>
    public const string Stopped = "FUS6003";

    /// <summary>An actor failed while it worked on the request.</summary>
    public const string ActorFailed = "FUS6004";

    /// <summary>An actor does not handle messages of this type.</summary>
    public const string MessageUnhandled = "FUS6005";

    /// <summary>An actor answered with another type than was asked for.</summary>
    public const string UnexpectedReply = "FUS6006";

    /// <summary>An actor name is malformed or taken.</summary>
    public const string InvalidActorName = "FUS6007";

    /// <summary>A file cannot be found or read.</summary>
    public const string FileUnreadable = "FUS7001";

    /// <summary>A file cannot be written.</summary>
    public const string FileUnwritable = "FUS7002";

    /// <summary>A file is not what it should be: truncated, wrong header, wrong encoding.</summary>
    public const string FileFormat = "FUS7003";

    /// <summary>A file is larger than the limit.</summary>
    public const string FileTooLarge = "FUS7004";

    /// <summary>The command line is wrong: a verb, an option or an argument.</summary>
    public const string Usage = "FUS8001";

    /// <summary>The user interrupted the command.</summary>
    public const string Interrupted = "FUS8002";

    /// <summary>A file of settings cannot be read.</summary>
    public const string ConfigurationSyntax = "FUS8003";

    /// <summary>There is no setting of that name.</summary>
    public const string ConfigurationKey = "FUS8004";

    /// <summary>The value of a setting is wrong, or settings contradict each other.</summary>
    public const string ConfigurationValue = "FUS8005";

    /// <summary>The address a node shall listen on is taken, or is none of this machine's.</summary>
    public const string AddressUnavailable = "FUS8006";

    /// <summary>The node holds no graph with that key.</summary>
    public const string UnknownGraph = "FUS8101";

    /// <summary>A request is larger than the limits allow.</summary>
    public const string RequestTooLarge = "FUS8102";

    /// <summary>The node has as much to do as it accepts.</summary>
    public const string NodeBusy = "FUS8103";

    /// <summary>The node is shutting down and takes no new work.</summary>
    public const string NodeDraining = "FUS8104";

    /// <summary>The request says nothing, or nothing valid, about who makes it.</summary>
    public const string Unauthenticated = "FUS8105";

    /// <summary>The caller's role does not allow the request.</summary>
    public const string Forbidden = "FUS8106";

    /// <summary>The request breaks the rules of the HTTP interface: address, method, parameter or header.</summary>
    public const string BadRequest = "FUS8107";

    /// <summary>The request's body did not arrive in time.</summary>
    public const string RequestTimeout = "FUS8108";

    /// <summary>A run took longer than the node allows.</summary>
    public const string RunTimeout = "FUS8109";

    /// <summary>The broker of the cluster cannot be reached, or refuses the login.</summary>
    public const string BrokerUnavailable = "FUS8201";

    /// <summary>A message of the cluster is malformed, of a version that is not known, or larger than allowed.</summary>
    public const string ClusterMessage = "FUS8202";

    /// <summary>No node of the cluster answered in time.</summary>
    public const string ClusterTimeout = "FUS8203";

    /// <summary>A request ended the process of every node that took it.</summary>
    public const string PoisonRequest = "FUS8204";

    /// <summary>An array could not be fetched from whoever holds it, or is not what was announced.</summary>
    public const string ClusterTransfer = "FUS8205";

    /// <summary>A bug: an invariant of the product did not hold.</summary>
    public const string Internal = "FUS9001";
}
