using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Graphs;

/// <content>Elementwise operations with parameters. Every argument of PyTorch's signature is written into the graph.</content>
public sealed partial class GraphTensor
{
    /// <summary><c>aten::add</c>: x + alpha * y.</summary>
    public GraphTensor Add(GraphOperand y) => Add(y, 1);

    /// <inheritdoc cref="Add(GraphOperand)"/>
    public GraphTensor Add(GraphOperand y, GraphOperand alpha) => Emit("add", this, y, alpha);

    /// <summary><c>aten::sub</c>: x - alpha * y.</summary>
    public GraphTensor Sub(GraphOperand y) => Sub(y, 1);

    /// <inheritdoc cref="Sub(GraphOperand)"/>
    public GraphTensor Sub(GraphOperand y, GraphOperand alpha) => Emit("sub", this, y, alpha);

    /// <summary><c>aten::div</c> with a rounding mode: <c>floor</c> or <c>trunc</c>.</summary>
    public GraphTensor Div(GraphOperand y, string roundingMode) => Emit("div", this, y, roundingMode);

    /// <summary><c>aten::pow</c> of a number: base to the x.</summary>
    public GraphTensor PowOf(GraphOperand number) => Emit("pow", number, this);

    /// <summary><c>aten::clamp</c>: min(max(x, low), high); a bound of null is left out.</summary>
    /// <exception cref="GraphException">Both bounds are null.</exception>
    public GraphTensor Clamp(double? low, double? high) => Clamp((GraphOperand)low, (GraphOperand)high);

    /// <inheritdoc cref="Clamp(double?, double?)"/>
    public GraphTensor Clamp(GraphOperand low, GraphOperand high)
        => low.IsNone && high.IsNone
            ? throw new GraphException(ErrorCodes.OperationArgument, "aten::clamp has neither bound. Give it a low or a high one.")
            : Emit("clamp", this, low, high);

    /// <summary><c>aten::clamp_min</c>: max(x, low).</summary>
    public GraphTensor ClampMin(GraphOperand low) => Emit("clamp_min", this, low);

    /// <summary><c>aten::clamp_max</c>: min(x, high).</summary>
    public GraphTensor ClampMax(GraphOperand high) => Emit("clamp_max", this, high);

    /// <summary><c>aten::threshold</c>: x where it is above the threshold, else the value.</summary>
    public GraphTensor Threshold(GraphOperand threshold, GraphOperand value) => Emit("threshold", this, threshold, value);

    /// <summary><c>aten::lerp</c>: from x to the end by the weight.</summary>
    public GraphTensor Lerp(GraphTensor end, GraphOperand weight) => Emit("lerp", this, end, weight);

    /// <summary><c>aten::addcmul</c>: x + value * y * z.</summary>
    public GraphTensor AddCMul(GraphTensor y, GraphTensor z, double value = 1) => Emit("addcmul", this, y, z, value);

    /// <summary><c>aten::addcdiv</c>: x + value * y / z.</summary>
    public GraphTensor AddCDiv(GraphTensor y, GraphTensor z, double value = 1) => Emit("addcdiv", this, y, z, value);

    /// <summary><c>aten::where</c>: x where the condition holds, else y.</summary>
    /// <param name="condition">A bool tensor.</param>
    /// <param name="x">A tensor or a number.</param>
    /// <param name="y">A tensor or a number.</param>
    public static GraphTensor Where(GraphTensor condition, GraphOperand x, GraphOperand y) => condition.Emit("where", condition, x, y);

    /// <summary><c>aten::gelu</c>: x * Phi(x), by the error function or its approximation by tanh.</summary>
    public GraphTensor Gelu(bool tanhApproximation = false) => Emit("gelu", this, tanhApproximation ? "tanh" : "none");

    /// <summary><c>aten::elu</c>: x where positive, else alpha * (exp(x) - 1).</summary>
    public GraphTensor Elu(double alpha = 1) => Emit("elu", this, alpha, 1, 1);

    /// <summary><c>aten::celu</c>: max(0, x) + min(0, alpha * (exp(x / alpha) - 1)).</summary>
    public GraphTensor Celu(double alpha = 1) => Emit("celu", this, alpha);

    /// <summary><c>aten::leaky_relu</c>: x where positive, else slope * x.</summary>
    public GraphTensor LeakyRelu(double slope = 0.01) => Emit("leaky_relu", this, slope);

    /// <summary><c>aten::hardtanh</c>: x between low and high.</summary>
    public GraphTensor HardTanh(double low = -1, double high = 1) => Emit("hardtanh", this, low, high);

    /// <summary><c>aten::softplus</c>: log(1 + exp(beta * x)) / beta, and x itself where beta * x is above the threshold.</summary>
    public GraphTensor Softplus(double beta = 1, double threshold = 20) => Emit("softplus", this, beta, threshold);

    /// <summary><c>aten::logit</c>: log(x / (1 - x)), x being clamped to [eps, 1 - eps] first when eps is given.</summary>
    public GraphTensor Logit(double? eps = null) => Emit("logit", this, eps);

    /// <summary><c>aten::nan_to_num</c>: numbers in place of NaN (0 when null) and of the infinities (the largest finite ones when null).</summary>
    public GraphTensor NanToNum(double? nan = null, double? positiveInfinity = null, double? negativeInfinity = null)
        => Emit("nan_to_num", this, nan, positiveInfinity, negativeInfinity);

    /// <summary><c>aten::to</c>: x in another element type.</summary>
    public GraphTensor To(DType dtype) => Emit("to", this, dtype, false, false, GraphOperand.None);

    /// <summary><c>aten::rand_like</c>: random numbers in [0, 1) in the shape of x.</summary>
    public GraphTensor RandLike()
        => Emit("rand_like", this, GraphOperand.None, GraphOperand.None, GraphOperand.None, GraphOperand.None, GraphOperand.None);

    /// <summary><c>aten::bernoulli</c>: 1 with the probability that x says, else 0.</summary>
    public GraphTensor Bernoulli() => Emit("bernoulli", this, GraphOperand.None);

    /// <summary><c>aten::bernoulli</c> with one probability for all elements.</summary>
    public GraphTensor Bernoulli(double probability) => Emit("bernoulli", this, probability, GraphOperand.None);

    /// <summary><c>aten::dropout</c>: in training, 0 with the probability and x / (1 - probability) otherwise; else x.</summary>
    public GraphTensor Dropout(double probability, bool training) => Emit("dropout", this, probability, training);
}
