package dev.yibu.http;

import java.io.IOException;
import okhttp3.Interceptor;
import okhttp3.Response;

/** Tells the connection where the answer to each request begins and ends: the innermost of the interceptors. */
final class AnswerBounds implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
        AnswerInput answers = AnswerInput.of(chain.connection());
        if (answers == null) {
            return chain.proceed(chain.request());
        }
        answers.expectHead();
        Response response = chain.proceed(chain.request());
        answers.expectBody(response);
        return response;
    }
}
